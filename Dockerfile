# The media service: Node, one bundled file, and what that file reads. Built from dist/media (npm run bundle).
FROM --platform=$TARGETPLATFORM node:24-bookworm-slim AS node

# No shell, no package manager, a user without rights: nothing to be but node.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=node /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --chown=nonroot:nonroot . .
ENV NODE_ENV=production
EXPOSE 8080
# Not through npm or a shell: SIGTERM has to reach the process that holds the calls.
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["--enable-source-maps", "main.mjs"]

# The media service: one bundled file and its assets on nothing but Node. The context is dist/media-service, which
# "npm run bundle" fills; nothing is run while building, so that an image for ARM64 can be built on any machine.
FROM public.ecr.aws/docker/library/node:24.21.0-bookworm-slim AS node

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=node /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY main.mjs fvad.wasm ./
COPY phrases/ phrases/
ENV NODE_ENV=production
USER nonroot
EXPOSE 8080
# Node itself is process 1 and hears SIGTERM.
CMD ["/usr/local/bin/node", "main.mjs"]

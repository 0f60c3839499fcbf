/** Loaded before every script of package.json: an older Node fails on TypeScript with a message that helps nobody. */
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major !== wanted) {
  process.stderr.write(
    `This project runs on Node ${wanted}, not ${process.versions.node}.\n` +
      'On Linux "npm ci" brings it along: run it, then start through npm (npm start, npm test).\n' +
      `Elsewhere install Node ${wanted} yourself.\n`,
  );
  process.exit(78);
}

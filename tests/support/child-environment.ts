/** What a process gets that a test starts: nothing of whoever runs the tests. */
export const childEnvironment: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  // Where Node keeps compiled code: loading it again takes half of what a short command takes.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};

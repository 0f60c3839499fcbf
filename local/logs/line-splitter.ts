/** A line longer than this is passed on in parts: nobody writes one on purpose. */
const lineCharsMax = 1024 * 1024;

export interface LineSplitter {
  push(text: string): void;
  /** Passes on what stands without a line end. */
  flush(): void;
}

/** Text in any portions in, whole lines out, without their ends; empty lines are dropped. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  let rest = '';
  const emit = (line: string) => {
    if (line.trim() !== '') onLine(line);
  };
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) emit(line);
      if (rest.length > lineCharsMax) this.flush();
    },
    flush() {
      const line = rest;
      rest = '';
      emit(line);
    },
  };
}

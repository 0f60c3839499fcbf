/** One timer that can be started over. */
export interface Deadline {
  restart(): void;
  clear(): void;
}

export function createDeadline(ms: number, fire: () => void): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const clear = () => clearTimeout(timer);
  return {
    restart() {
      clear();
      timer = setTimeout(fire, ms);
    },
    clear,
  };
}

/** A cursor that the store did not make, or made for another list: the client's mistake. */
export class BadCursorError extends Error {
  constructor() {
    super('The cursor is not one of this list');
    this.name = 'BadCursorError';
  }
}

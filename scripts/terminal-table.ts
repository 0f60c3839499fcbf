/** Tables and bars for a terminal of any width. */

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** What goes first where there is no room: the highest. 0 always stays. */
  readonly expendable: number;
}

const gap = 2;
/** A name is cut before a figure is. */
const nameMin = 8;

const cut = (text: string, width: number) => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

export interface TableStyle {
  readonly width: number;
  readonly header?: (line: string) => string;
  readonly last?: (line: string) => string;
}

/** @param rows cells of each column, all of them; the last row can have a style of its own, as a sum has. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, header = (line) => line, last = (line) => line }: TableStyle,
): string {
  const widthOf = (column: number) =>
    Math.max(columns[column]?.title.length ?? 0, ...rows.map((row) => row[column]?.length ?? 0));
  let shown = columns.map((_, i) => i);
  const needed = () => shown.reduce((sum, column) => sum + widthOf(column) + gap, -gap);
  while (needed() > width) {
    const [first] = shown
      .filter((column) => (columns[column]?.expendable ?? 0) > 0)
      .sort((a, b) => (columns[b]?.expendable ?? 0) - (columns[a]?.expendable ?? 0));
    if (first === undefined) break;
    shown = shown.filter((column) => column !== first);
  }
  const nameWidth = Math.max(nameMin, widthOf(0) - Math.max(0, needed() - width));
  const line = (cells: readonly string[]) =>
    shown
      .map((column) => {
        const size = column === 0 ? Math.min(nameWidth, widthOf(0)) : widthOf(column);
        const cell = cut(cells[column] ?? '', size);
        return columns[column]?.align === 'left' ? cell.padEnd(size) : cell.padStart(size);
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    header(line(columns.map(({ title }) => title))),
    ...rows.map((row, i) => (i === rows.length - 1 ? last(line(row)) : line(row))),
  ].join('\n');
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** @param part 0 to 1 of the width, which is kept whatever is filled. */
export function bar(part: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * width * eighths.length);
  const whole = Math.floor(filled / eighths.length);
  return `${'█'.repeat(whole)}${eighths[filled % eighths.length] ?? ''}`.padEnd(width);
}

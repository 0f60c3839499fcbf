/** A picture of a few series as an SVG file that reads well on a white and on a dark page. */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Values that must not be exceeded, drawn as dashed lines. */
  readonly xTargets?: readonly number[];
  readonly yTargets?: readonly number[];
  /** Writes its x beside each point. */
  readonly labelled?: boolean;
}

const size = { width: 720, height: 400, left: 64, right: 24, top: 48, bottom: 56 } as const;
const colours = ['#2563eb', '#d97706', '#059669', '#7c3aed', '#dc2626'];
const ticksWanted = 6;

function niceStep(range: number): number {
  const rough = range / ticksWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

interface Axis {
  readonly max: number;
  readonly step: number;
}

function axis(values: readonly number[]): Axis {
  const top = Math.max(...values, 1e-9);
  const step = niceStep(top);
  return { max: Math.ceil(top / step) * step, step };
}

const ticks = ({ max, step }: Axis) => Array.from({ length: Math.round(max / step) + 1 }, (_, i) => i * step);
const short = (value: number) => String(Number(value.toFixed(4)));
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function drawChart(options: ChartOptions): string {
  const { series, xTargets = [], yTargets = [] } = options;
  const points = series.flatMap((one) => one.points);
  const [xAxis, yAxis] = [
    axis([...points.map(([x]) => x), ...xTargets]),
    axis([...points.map(([, y]) => y), ...yTargets]),
  ];
  const x = (value: number) => size.left + (value / xAxis.max) * (size.width - size.left - size.right);
  const y = (value: number) =>
    size.height - size.bottom - (value / yAxis.max) * (size.height - size.top - size.bottom);
  const [bottom, top, right] = [y(0), y(yAxis.max), x(xAxis.max)];
  const grid = [
    ...ticks(xAxis).map(
      (tick) =>
        `<path d="M${x(tick)} ${bottom}V${top}" class="grid"/><text x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${short(tick)}</text>`,
    ),
    ...ticks(yAxis).map(
      (tick) =>
        `<path d="M${x(0)} ${y(tick)}H${right}" class="grid"/><text x="${x(0) - 8}" y="${y(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
    ),
  ];
  const targets = [
    ...xTargets.map((value) => `<path d="M${x(value)} ${bottom}V${top}" class="target"/>`),
    ...yTargets.map((value) => `<path d="M${x(0)} ${y(value)}H${right}" class="target"/>`),
  ];
  const lines = series.map((one, i) => {
    const colour = colours[i % colours.length];
    const path = one.points.map(
      ([px, py], n) => `${n === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`,
    );
    const dots = options.labelled
      ? one.points.map(
          ([px, py]) =>
            `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3.5" fill="${colour}"/><text x="${x(px).toFixed(1)}" y="${(y(py) - 8).toFixed(1)}" text-anchor="middle">${short(px)}</text>`,
        )
      : [];
    const legend = `<text x="${right}" y="${top + 16 + i * 18}" text-anchor="end" fill="${colour}" style="fill:${colour}">${escaped(one.name)}</text>`;
    return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${legend}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(options.title)}">
<style>text{font:12px sans-serif;fill:#475569}.title{font-size:15px;font-weight:600;fill:#0f172a}.grid{stroke:#cbd5e1;stroke-width:.5}.target{stroke:#dc2626;stroke-width:1;stroke-dasharray:5 4}</style>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${size.left}" y="26" class="title">${escaped(options.title)}</text>
${grid.join('\n')}
${targets.join('\n')}
${lines.join('\n')}
<text x="${(size.left + right) / 2}" y="${size.height - 14}" text-anchor="middle">${escaped(options.xLabel)}</text>
<text x="16" y="${(top + bottom) / 2}" text-anchor="middle" transform="rotate(-90 16 ${(top + bottom) / 2})">${escaped(options.yLabel)}</text>
</svg>
`;
}

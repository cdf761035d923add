// When each attempt was at work: a bar each, on one axis of time. Drawn only when something changed.

import { drawn } from "./elements.js";
import { duration, statusWord, t } from "./words.js";

const MOST = 120;
const ROW = 22;
const LEFT = 210;
const WIDTH = 1000;
const TOP = 26;
const TICKS = 5;
const LONGEST_LABEL = 28;

/** The picture; `left` counts the attempts that are not in it. */
export function timeline(run, attempts, now) {
  const shown = attempts.slice(-MOST);
  const first = Math.min(...shown.map((one) => Date.parse(one.startedAt)));
  const ends = shown.map((one) => Date.parse(one.startedAt) + (one.duration ?? (run.finishedAt ? 0 : now - Date.parse(one.startedAt))));
  const span = Math.max(1, Math.max(...ends) - first);
  const lanes = laneOf(shown);
  const height = TOP + lanes.size * ROW + 6;
  const scale = (WIDTH - LEFT - 10) / span;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": t("timelineOf") });
  for (let tick = 0; tick <= TICKS; tick += 1) svg.append(...mark(tick, span, scale, height));
  for (const [label, lane] of lanes) {
    svg.append(drawn("text", { x: 0, y: TOP + lane * ROW + 15 }, short(label)));
  }
  shown.forEach((one, place) => {
    const from = Date.parse(one.startedAt);
    svg.append(drawn("rect", {
      class: one.status, rx: 3, height: ROW - 8,
      x: LEFT + (from - first) * scale, y: TOP + lanes.get(laneName(one)) * ROW + 3,
      width: Math.max(3, (ends[place] - from) * scale),
    }, drawn("title", {}, `${laneName(one)} · ${t("attempt", one.attempt)} · ${statusWord(one.status)} · ${duration(one.duration)}`)));
  });
  return { svg, left: attempts.length - shown.length };
}

function laneName(one) {
  return one.item ? `${one.stepId} · ${one.item}` : one.stepId;
}

function laneOf(attempts) {
  const lanes = new Map();
  for (const one of attempts) if (!lanes.has(laneName(one))) lanes.set(laneName(one), lanes.size);
  return lanes;
}

function mark(tick, span, scale, height) {
  const at = (span * tick) / TICKS;
  const x = LEFT + at * scale;
  const anchor = tick === 0 ? "start" : tick === TICKS ? "end" : "middle";
  return [
    drawn("line", { x1: x, x2: x, y1: TOP - 6, y2: height }),
    drawn("text", { class: "small", x, y: 13, "text-anchor": anchor }, duration(at)),
  ];
}

function short(label) {
  return label.length <= LONGEST_LABEL ? label : `${label.slice(0, LONGEST_LABEL - 1)}…`;
}

// When each attempt was at work: a bar each, on one axis of time. Drawn only when something changed.

import { drawn } from "./elements.js";
import { duration, statusWord, t } from "./words.js";

const MOST = 120;
const ROW = 22;
const NARROWEST = 480; // pixels; a narrower place scrolls
const NARROW = 640;
const TOP = 26;
const TICKS = 5;
const LETTER = 7.2; // pixels, about

/** The picture, as wide as its place; `left` counts the attempts that are not in it. */
export function timeline(run, { now, width }) {
  const whole = Math.max(NARROWEST, Math.floor(width));
  const left = whole < NARROW ? 120 : 200;
  const shown = run.attempts.slice(-MOST);
  const first = Math.min(...shown.map((one) => Date.parse(one.startedAt)));
  const ends = shown.map((one) => Date.parse(one.startedAt) + (one.duration ?? (run.finishedAt ? 0 : Math.max(0, now - Date.parse(one.startedAt)))));
  const span = Math.max(1, Math.max(...ends) - first);
  const lanes = laneOf(shown);
  const height = TOP + lanes.size * ROW + 6;
  const scale = (whole - left - 10) / span;
  const svg = drawn("svg", { width: whole, height, role: "img", "aria-label": t("timelineOf") });
  for (let tick = 0; tick <= TICKS; tick += 1) svg.append(...mark(tick, { span, scale, height, left }));
  for (const [label, lane] of lanes) {
    svg.append(drawn("text", { x: 0, y: TOP + lane * ROW + 15 }, short(label, left)));
  }
  shown.forEach((one, place) => {
    const from = Date.parse(one.startedAt);
    svg.append(drawn("rect", {
      class: one.status, rx: 3, height: ROW - 8,
      x: left + (from - first) * scale, y: TOP + lanes.get(laneName(one)) * ROW + 3,
      width: Math.max(3, (ends[place] - from) * scale),
    }, drawn("title", {}, `${laneName(one)} · ${t("attempt", one.attempt)} · ${statusWord(one.status)} · ${duration(one.duration)}`)));
  });
  return { svg, left: run.attempts.length - shown.length };
}

function laneName(one) {
  return one.item ? `${one.stepId} · ${one.item}` : one.stepId;
}

function laneOf(attempts) {
  const lanes = new Map();
  for (const one of attempts) if (!lanes.has(laneName(one))) lanes.set(laneName(one), lanes.size);
  return lanes;
}

function mark(tick, { span, scale, height, left }) {
  const at = (span * tick) / TICKS;
  const x = left + at * scale;
  const anchor = tick === 0 ? "start" : tick === TICKS ? "end" : "middle";
  return [
    drawn("line", { x1: x, x2: x, y1: TOP - 6, y2: height }),
    drawn("text", { class: "small", x, y: 13, "text-anchor": anchor }, duration(at)),
  ];
}

function short(label, width) {
  const most = Math.floor(width / LETTER);
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`;
}

// What CodeMirror would colour. In, on standard input: texts as JSON. Out: for each its lines, each as
// [part, class] pairs, and the milliseconds it took.
import { readFileSync } from "node:fs";
import { piecesOf, startState } from "../../labextension/static/tokenizer.js";

const { texts, isCell } = JSON.parse(readFileSync(0, "utf-8"));
const coloured = texts.map((text) => {
  const state = startState(isCell);
  const started = performance.now();
  const lines = text.split(/\r?\n/).map((line) =>
    piecesOf(line, state).map(([start, end, found]) => [line.slice(start, end), found]),
  );
  return { lines, milliseconds: performance.now() - started };
});
process.stdout.write(JSON.stringify(coloured));

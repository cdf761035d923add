// The colours of misy for CodeMirror 6: a stream parser, which reads one line at a time.
//
// In: a line and the state that the lines before left. Out: pieces that joined are the line, each of a
// class of the table. It walks as misydsl/language/lexer.py and highlight.py do, with their own patterns;
// tests/language/test_codemirror.py holds them together. It takes time linear in the line, does not
// recurse and does not throw. One thing it cannot see from one line: that a block text is never closed.
// It depends on nothing, so any page with CodeMirror 6 can use it: `StreamLanguage.define(misy())`.

import { TABLE } from "./table.js";

const sticky = (pattern) => new RegExp(pattern, "suy");
const CODE = sticky(TABLE.code);
const TEXT = sticky(TABLE.text);
const BLOCK_TEXT = sticky(TABLE.blockText);
const DIGITS = sticky(TABLE.digits);
const ADDRESS = sticky(TABLE.address);
const SCHEME = new RegExp(`(?:${TABLE.scheme})`, "su");
const NUMBERS = TABLE.numbers.map(([kind, pattern]) => [kind, new RegExp(`^(?:${pattern})$`, "su")]);
const QUOTED = new Map(TABLE.quoted.map(([mark, pattern]) => [mark, sticky(pattern)]));
const TEXT_ESCAPE = new RegExp(TABLE.textEscape, "gsu");
const BLOCK_ESCAPE = new RegExp(TABLE.blockEscape, "gsu");
const NAME_REST = /(?:[\p{L}\p{N}_\p{Mn}\p{Mc}]|-(?=[\p{L}\p{N}_]))*/suy;
const MARK = /[\p{Mn}\p{Mc}]/u;
const MAGIC = /^%%misy(?![\w-])/;

const mapped = (object) => new Map(Object.entries(object));
const PUNCTUATION = mapped(TABLE.punctuation);
const KEYWORDS = mapped(TABLE.keywords);
const SIGNS = mapped(TABLE.signs);
const CLASS_OF = mapped(TABLE.classOf);
const TAGS = mapped(TABLE.tags);
const SOFT = new Map(
  Object.entries(TABLE.soft).map(([kind, [after, before]]) => [
    kind,
    { after: new Set(after), before: new Set(before) },
  ]),
);
const BLANKS = new Set(TABLE.blanks);
const NAMED_BY = new Set(TABLE.namedBy);
const TYPE_STARTS = new Set(TABLE.typeStarts);
const FUNCTIONS = new Set(TABLE.functions);
const TYPES = new Set(TABLE.types);
const IMPLICIT = new Set(TABLE.implicit);
const SILENT = new Set(["space", "comment", "documentation", "unknown"]);

function matchAt(pattern, text, position) {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

// ---- Tokens of one line -------------------------------------------------------------------------

// `open` is the innermost text being read: {isBlock, depth, outer}; depth counts the braces open in its
// `${…}` and is null in the text itself. Links are never written to, so states share them.
class Line {
  constructor(text, open) {
    this.text = text;
    this.open = open;
    this.tokens = []; // [kind, start, end, isBlock]
  }

  read() {
    const length = this.text.length;
    let position = 0;
    while (position < length) {
      const inText = this.open !== null && this.open.depth === null;
      position = inText ? this.readText(position) : this.readCode(position);
    }
    while (this.open !== null && !this.open.isBlock) this.closeUnfinished(length);
    return this;
  }

  put(kind, start, end) {
    this.tokens.push([kind, start, end, this.open !== null && this.open.isBlock]);
    return end;
  }

  inside(depth) {
    this.open = { ...this.open, depth };
  }

  close(start, end) {
    this.put("TEXT_CLOSE", start, end);
    this.open = this.open.outer;
    return end;
  }

  closeUnfinished(end) {
    if (this.open.depth !== null) this.put("INTERPOLATION_CLOSE", end, end);
    this.close(end, end);
  }

  readCode(start) {
    const match = matchAt(CODE, this.text, start);
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    const written = match[0];
    const end = start + written.length;
    switch (kind) {
      case "NAME":
        if (/[^\0-\x7f]/.test(written)) return this.put("NAME", start, this.endOfName(start));
        return this.put(KEYWORDS.get(written) ?? "NAME", start, end);
      case "PUNCTUATION":
        return this.readSign(PUNCTUATION.get(written), start, end);
      case "NUMBER":
        return this.readNumber(written, start, end);
      case "BLOCK":
        return this.readBlockQuotes(start, end);
      case "QUOTE":
        this.open = { isBlock: false, depth: null, outer: this.open };
        return this.put("TEXT_OPEN", start, end);
      case "FOREIGN":
      case "OTHER":
        return this.readOther(start);
      default:
        return this.put(kind, start, end);
    }
  }

  endOfName(start) {
    return start + matchAt(NAME_REST, this.text, start)[0].length;
  }

  readSign(kind, start, end) {
    if (this.open !== null && kind === "RBRACE" && this.open.depth === 0) {
      this.inside(null);
      return this.put("INTERPOLATION_CLOSE", start, end);
    }
    if (this.open !== null && kind === "LBRACE") this.inside(this.open.depth + 1);
    if (this.open !== null && kind === "RBRACE") this.inside(this.open.depth - 1);
    return this.put(kind, start, end);
  }

  readNumber(written, start, end) {
    for (const [kind, pattern] of NUMBERS) {
      if (pattern.test(written)) return this.put(kind, start, end);
    }
    const whole = matchAt(DIGITS, this.text, start);
    if (whole && written.includes("/")) {
      const kind = /^[0-9]+$/.test(whole[0]) ? "INT" : "FLOAT";
      return this.put(kind, start, start + whole[0].length);
    }
    return this.put("INT", start, end);
  }

  readBlockQuotes(start, end) {
    if (this.open !== null && this.open.isBlock) {
      this.put("INTERPOLATION_CLOSE", start, start);
      this.inside(null);
      return start;
    }
    this.open = { isBlock: true, depth: null, outer: this.open };
    return this.put("TEXT_OPEN", start, end);
  }

  readOther(start) {
    const character = String.fromCodePoint(this.text.codePointAt(start));
    const last = this.tokens.at(-1);
    const isWord = last && (last[0] === "NAME" || KEYWORDS.get(last[0].toLowerCase()) === last[0]);
    if (isWord && MARK.test(character) && this.endOfName(last[1]) > start) {
      this.tokens.pop();
      return this.put("NAME", last[1], this.endOfName(last[1]));
    }
    const [kind, end] = this.meantBy(character, start);
    return this.put(kind, start, end);
  }

  // What a character that is no part of the language was probably meant to be.
  meantBy(character, start) {
    const { text } = this;
    const quoted = QUOTED.has(character) && matchAt(QUOTED.get(character), text, start);
    const end = start + character.length;
    if (quoted) return ["STRING", start + quoted[0].length];
    if (BLANKS.has(character)) return ["WHITESPACE", end];
    if (SIGNS.has(character)) return [SIGNS.get(character), end];
    if (text.startsWith("//", start)) {
      if (!SCHEME.test(text.slice(Math.max(start - 8, 0), start))) return ["COMMENT", text.length];
      return ["UNKNOWN", start + matchAt(ADDRESS, text, start)[0].length];
    }
    if (text.startsWith("&&", start)) return ["AND", start + 2];
    if (text.startsWith("||", start)) return ["OR", start + 2];
    if (character === "!") return ["NOT", end];
    if (character === ";") return ["COMMA", end];
    let past = end;
    for (let count = 1; count < 80 && text.startsWith(character, past); count += 1) {
      past += character.length;
    }
    return ["UNKNOWN", past];
  }

  readText(position) {
    const { text, open } = this;
    const found = matchAt(open.isBlock ? BLOCK_TEXT : TEXT, text, position);
    if (found) {
      const end = position + found[0].length;
      const isCut = !open.isBlock && (end === text.length || text[end] === "\\");
      return isCut ? this.cutText(position) : this.put("TEXT_PART", position, end);
    }
    if (text.startsWith("${", position)) {
      this.inside(0);
      return this.put("INTERPOLATION_OPEN", position, position + 2);
    }
    if (text[position] === '"') return this.close(position, position + (open.isBlock ? 3 : 1));
    return this.cutText(position);
  }

  cutText(position) {
    const end = position + beforeClosers(this.text.slice(position));
    if (end > position) this.put("TEXT_PART", position, end);
    return this.close(end, end);
  }
}

// Where a text that misses its quote probably ends: before closers it does not open itself.
function beforeClosers(line) {
  const openers = { ")": "(", "]": "[", "}": "{" };
  const waiting = [];
  let tail = line.length;
  while (tail > 0 && " \t,)]}".includes(line[tail - 1])) tail -= 1;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index];
    if ("([{".includes(character)) waiting.push(character);
    else if (")]}".includes(character)) {
      if (waiting.length > 0 && waiting.at(-1) === openers[character]) waiting.pop();
      else return (index >= tail ? line.slice(0, index) : line).trimEnd().length;
    }
  }
  return line.trimEnd().length;
}

// ---- Classes ------------------------------------------------------------------------------------

/** What the lines before left: texts still open, and what stood last. */
export function startState(isCell = false) {
  return { open: null, left: "", previous: "", isAfterType: false, awaitsMagic: isCell, pieces: [], at: 0 };
}

/** The pieces of the next line as [start, end, class]; the state is written to. */
export function piecesOf(text, state) {
  if (state.awaitsMagic) {
    const magic = MAGIC.exec(text);
    state.awaitsMagic = text.trim() === "";
    if (magic) return [[0, magic[0].length, "magic"], [magic[0].length, text.length, "arguments"]];
  }
  if (state.open === null || state.open.depth !== null) state.left = "NEWLINE";
  const line = new Line(text, state.open).read();
  state.open = line.open;
  const following = followingKinds(line.tokens);
  const pieces = [];
  line.tokens.forEach(([kind, start, end, isBlock], index) => {
    const after = following[index];
    const read = SOFT.has(kind) && !isKeyword(kind, after, state) ? "NAME" : kind;
    const name = text.slice(start, end);
    const found = read === "NAME" ? nameClass(name, after, state) : CLASS_OF.get(read);
    split(text, [start, end, found], escapeOf(read, text[start], isBlock), pieces);
    pass(read, found, state);
  });
  return pieces;
}

function followingKinds(tokens) {
  const found = new Array(tokens.length);
  let following = "";
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    found[index] = following;
    if (tokens[index][0] !== "WHITESPACE") following = tokens[index][0];
  }
  return found;
}

function isKeyword(kind, following, { left, previous }) {
  const { after, before } = SOFT.get(kind);
  return (after.has(left) || after.has(previous)) && before.has(following);
}

function nameClass(name, following, { previous, isAfterType }) {
  if (NAMED_BY.has(previous)) return "declared";
  if (previous === "TYPE") return "type";
  if (previous === "DOT" || previous === "QDOT") return "name";
  if (following === "COLON") return "key";
  if (following === "LPAR" && FUNCTIONS.has(name)) return "function";
  if (TYPE_STARTS.has(previous) && following !== "DOT" && TYPES.has(name)) return "type";
  return IMPLICIT.has(name) ? "implicit" : "name";
}

function escapeOf(kind, first, isBlock) {
  if (kind === "STRING") return first === '"' ? TEXT_ESCAPE : null;
  if (kind === "TEXT_PART") return isBlock ? BLOCK_ESCAPE : TEXT_ESCAPE;
  return null;
}

function split(text, [start, end, found], escape, pieces) {
  let position = start;
  for (const match of escape ? text.slice(start, end).matchAll(escape) : []) {
    const at = start + match.index;
    if (at > position) pieces.push([position, at, found]);
    position = at + match[0].length;
    pieces.push([at, position, "escape"]);
  }
  if (position < end) pieces.push([position, end, found]);
}

function pass(kind, found, state) {
  if (SILENT.has(found)) return;
  const isList = kind === "LSQB" && state.isAfterType;
  state.left = state.previous = isList ? "LIST_OF" : kind;
  state.isAfterType = found === "type";
}

// ---- CodeMirror ---------------------------------------------------------------------------------

/** The stream parser; with `isCell` the first line is the magic `%%misy`. */
export function misy({ isCell = false } = {}) {
  return {
    name: "misy",
    startState: () => startState(isCell),
    copyState: (state) => ({ ...state }),
    blankLine: (state) => void piecesOf("", state),
    token(stream, state) {
      if (stream.sol()) [state.pieces, state.at] = [piecesOf(stream.string, state), 0];
      const [, end, found] = state.pieces[state.at++] ?? [0, stream.string.length, "space"];
      if (end >= stream.string.length) state.pieces = [];
      stream.pos = Math.max(end, stream.pos + 1);
      return TAGS.get(found) || null;
    },
    languageData: {
      commentTokens: { line: "#" },
      closeBrackets: { brackets: ["(", "[", "{", '"', '"""'] },
    },
  };
}

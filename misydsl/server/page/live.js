// What happens, as it happens: the WebSocket at `/`, taken up where it broke off. While it is away the page asks by itself.

const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;

export class Live {
  /** `onFrame(frame)` for each thing told, `onState(isConnected)` when that changes. */
  constructor({ onFrame, onState }) {
    this.onFrame = onFrame;
    this.onState = onState;
    this.after = null;
    this.pause = SHORTEST_MS;
    this.isConnected = false;
  }

  open() {
    const place = new URL("/", location.href);
    place.protocol = place.protocol === "https:" ? "wss:" : "ws:";
    if (this.after !== null) place.searchParams.set("after", String(this.after));
    const socket = new WebSocket(place);
    socket.addEventListener("open", () => this.state(true));
    socket.addEventListener("message", (event) => this.told(event.data));
    socket.addEventListener("close", () => {
      this.state(false);
      setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
      this.pause = Math.min(LONGEST_MS, this.pause * 2);
    });
  }

  told(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // not one of ours
    }
    this.pause = SHORTEST_MS;
    if (Number.isSafeInteger(frame.seq)) this.after = frame.seq;
    this.onFrame(frame);
  }

  state(isConnected) {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.onState(isConnected);
  }
}

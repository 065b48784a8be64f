/** What the keys that are pressed at a raw terminal come to. */

/** Pasted text stands between these, where a terminal was asked for it. */
const PASTE_BEGINS = "[200~";
const PASTE_ENDS = "[201~";

/** A sequence of a key that is not for text, as far as it has come. */
const SEQUENCE = /^(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O])/;
/** No terminal sends longer ones. */
const SEQUENCE_MAX = 32;

/** How it stands with a line. */
export type LineState = "open" | "entered" | "interrupted";

/** One line, typed or pasted; what was pasted may have several rows. */
export class TypedLine {
  #text = "";
  /** What follows an escape. */
  #sequence: string | undefined;
  #isPasting = false;
  readonly #max: number;

  /** @param max Most UTF-16 units that are kept. */
  constructor(max: number) {
    this.#max = max;
  }

  get text(): string {
    return this.#text;
  }

  /** Takes in what was read. */
  feed(typed: string): LineState {
    for (const character of typed) {
      const state = this.#take(character);
      if (state !== "open") return state;
    }
    return "open";
  }

  #take(character: string): LineState {
    if (this.#sequence !== undefined) {
      this.#continueSequence(this.#sequence + character);
      return "open";
    }
    switch (character) {
      case "\x1b":
        this.#sequence = "";
        return "open";
      case "\r":
      case "\n":
        if (!this.#isPasting) return "entered";
        this.#add("\n");
        return "open";
      case "\x03":
        return "interrupted";
      // The end of the input.
      case "\x04":
        return this.#text === "" ? "interrupted" : "entered";
      case "\x7f":
      case "\b":
        this.#text = Array.from(this.#text).slice(0, -1).join("");
        return "open";
      // Ctrl-U and Ctrl-W.
      case "\x15":
      case "\x17":
        this.#text = "";
        return "open";
    }
    if (character === "\t" || character >= " ") this.#add(character);
    return "open";
  }

  #add(text: string): void {
    if (this.#text.length + text.length <= this.#max) this.#text += text;
  }

  #continueSequence(sequence: string): void {
    this.#sequence = sequence;
    if (!SEQUENCE.test(sequence) && sequence.length < SEQUENCE_MAX) return;
    this.#sequence = undefined;
    if (sequence === PASTE_BEGINS) this.#isPasting = true;
    if (sequence === PASTE_ENDS) this.#isPasting = false;
  }
}

/** The words that codes are made of. */

import { wordlist } from "@scure/bip39/wordlists/english";

/** Letters of a word: shorter ones are misheard, longer ones take long to type. */
const LETTERS = { min: 4, max: 5 };

/** Words of the list that are no good in a code, and why not. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "sounds like another word":
    "aisle blue board cart cheap close clog cloth core deer dish dose " +
    "earn find flee great hair hire hole hour knee knife knock know " +
    "lens liar loan mail main mass math meat need night nose palm " +
    "pass patch pair pause peace pear piece poem poet pole price rain " +
    "real right ring rose route sail sauce scene sell sense seat seed " +
    "side sight sing snack sort soul steak steel story sure sweet " +
    "tail then there they tide time tone truth tuna turn wait waste " +
    "wave wear whale wheat where whip wine wink wise wood worth wrap " +
    "wreck wrist write wrong",
  "is taken for a number": "eight first half once seven three twice zero",
  "has no meaning of its own":
    "able about above again also among away below else extra have " +
    "into just like more much must next only other over quit same " +
    "since such that this undo until upon used usage very what when " +
    "will",
  "is spelled in two ways":
    "armor check color fiber gauge humor labor odor okay vapor",
  "is nothing to say to a stranger":
    "abuse alien anger angry argue armed awful black blame blast " +
    "bleak blind blood bomb boss buyer child crash crazy crime cruel " +
    "crush dirt dizzy doll dumb dutch dwarf enemy error evil exile " +
    "false fatal fault fever fury ghost girl grief grunt guilt gown " +
    "hurt idle junk kick kiss lady latin lazy maid naive nasty nerve " +
    "panic pill punch pupil rebel rifle riot rude scare shoot shove " +
    "sick siege skull slam spoil swear trash trap ugly virus void " +
    "want weird wife woman worry",
};

const leftOut = new Set(
  Object.values(LEFT_OUT).flatMap((words) => words.split(" ")),
);

/**
 * All words: of the English list of BIP-39, in which no two begin with the same
 * four letters, those that are short and pass in company.
 */
export const WORDS: readonly string[] = wordlist.filter((word) =>
  word.length >= LETTERS.min && word.length <= LETTERS.max &&
  !leftOut.has(word)
);

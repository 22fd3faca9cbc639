/**
 * Breaks a text into rows, each no wider than allowed. Every character is in exactly one row, blanks at the ends
 * included, so that rows can be counted against the text.
 *
 * @param {string} text
 * @param {(piece: string) => number} widthOf
 * @param {number} maxWidth
 * @returns {string[]}
 */
export function breakRows(text, widthOf, maxWidth) {
  /** @type {string[]} */
  const rows = [];
  let row = '';
  for (const word of text.match(/\n|[^\s]+[^\S\n]*|[^\S\n]+/g) ?? []) {
    if (word === '\n') {
      rows.push(row + word);
      row = '';
      continue;
    }
    if (row !== '' && widthOf((row + word).trimEnd()) > maxWidth) {
      rows.push(row);
      row = '';
    }
    for (const letter of widthOf(word.trimEnd()) > maxWidth ? word : [word]) {
      // A word longer than a row is broken where it has to be.
      if (row !== '' && widthOf((row + letter).trimEnd()) > maxWidth) {
        rows.push(row);
        row = '';
      }
      row += letter;
    }
  }
  return row === '' ? rows : [...rows, row];
}

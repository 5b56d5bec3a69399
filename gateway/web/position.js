/* Positions in the program's log, by which states are put in order. */

/** `1:1732233434000-0` as numbers that compare in order. */
export function parsePosition(text) {
  return text.split(/[:-]/).map(Number);
}

/** Whether one position comes before another; false where one of them is not known. */
export function isBefore(one, other) {
  if (one === undefined || other === undefined) return false;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return one[index] < other[index];
  }
  return false;
}

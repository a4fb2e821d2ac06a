/** Sizes of the picture, in pixels. */
export const SIZE = {
  nameFont: 13,
  textFont: 11,
  labelFont: 11,
  lineHeight: 15,
  /** Between a box and the text in it. */
  padding: 11,
  /** Between two states without an arrow from one to the next. */
  gap: 14,
  /** An arrow from one state to the next, without its labels. */
  arrow: 22,
  labelLine: 14,
  /** From a box to its initial state: the dot and its arrow. */
  initial: 28,
  /** Between two lanes, and around them. */
  lane: 14,
  /** Between a line's beginning and its label. */
  labelGap: 8,
  loop: 18,
  margin: 16,
  /** Of a state that has none inside, where descriptions are shown and where not. */
  describedWidth: 276,
  plainWidth: 160,
} as const;

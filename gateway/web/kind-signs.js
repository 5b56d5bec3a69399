/*
 * What stands for a kind of experience: a hue, and a sign, which is an outline in a square of 24. Kinds are a
 * program's own; these are common ones.
 */

const KINDS = {
  travel: { hue: 215, sign: "M4 8h16v11H4zM9 8V5.500h6V8M4 13h16" },
  dining: { hue: 18, sign: "M7 3v6a2 2 0 0 0 4 0V3M9 11v10M17 3c-2.500 2-3 5-3 9h3zm0 9v9" },
  leisure: { hue: 275, sign: "M3 7h18v3.500a1.500 1.500 0 0 0 0 3V17H3v-3.500a1.500 1.500 0 0 0 0-3zM14.500 7v10" },
  culture: {
    hue: 340,
    sign: "M9 18V6l10-2v12M9 18a2.500 2 0 1 1-5 0 2.500 2 0 1 1 5 0zM19 16a2.500 2 0 1 1-5 0 2.500 2 0 1 1 5 0z",
  },
  wellness: { hue: 160, sign: "M12 20c-5-1-8-4-8-8 3 0 6 2 8 5 2-3 5-5 8-5 0 4-3 7-8 8zM12 17c-3-4-3-9 0-13 3 4 3 9 0 13z" },
  lifestyle: { hue: 310, sign: "M11 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2zM19 16v5M16.500 18.500h5" },
  voucher: { hue: 40, sign: "M4 4h8l8.500 8.500-8 8L4 12zM8.500 8.500v.01" },
  merchandise: { hue: 245, sign: "M5 8h14l1 12H4zM9 10.500V6.500a3 3 0 0 1 6 0v4" },
  service: { hue: 190, sign: "M5 17a7 7 0 0 1 14 0zM3 20h18M12 10V7M10.500 7h3" },
  raffle: { hue: 48, sign: "M3 7h18v3.500a1.500 1.500 0 0 0 0 3V17H3v-3.500a1.500 1.500 0 0 0 0-3zM9 7v10M12.500 10.500h5M12.500 13.500h5" },
  charity: { hue: 355, sign: "M12 20S4 15 4 9.500A4 4 0 0 1 12 8a4 4 0 0 1 8 1.500C20 15 12 20 12 20z" },
};

const GIFT = "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7C7 7 7 3 9.500 3S12 7 12 7s0-4 2.500-4S17 7 12 7";

/** `{ hue, sign }` of a kind; `hue` is what one that is not known gets. */
export function signOf(kind, hue) {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : { hue, sign: GIFT };
}

/* Pictures of experiences that nobody has drawn one for: colour and sign say their kind, the circles are their own. */

import { coverLike } from "./covers.js";
import { signOf } from "./kind-signs.js";

const SVG = "http://www.w3.org/2000/svg";

/** The picture of an experience in the catalogue: one that begins with the same word, if there is one. */
export function drawCover(id, kind) {
  return coverLike(id) ?? drawPlain(id, kind);
}

function drawPlain(id, kind) {
  const { hue, sign } = signOf(kind, hash(kind) % 360);
  const picture = drawNode("svg", { class: "cover", viewBox: "0 0 640 360", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" });
  picture.append(drawNode("path", { d: "M0 0h640v360H0z", fill: `hsl(${hue} 42% 36%)` }));
  let seed = hash(id);
  for (let circle = 0; circle < 5; circle++) {
    const [x, y, radius, shift] = [640, 360, 130, 70].map((range) => (seed = hash(`${seed}`)) % range);
    const fill = `hsl(${hue + shift - 35} 55% 62%)`;
    picture.append(drawNode("circle", { cx: x, cy: y, r: 50 + radius, fill, "fill-opacity": 0.32 }));
  }
  const line = { fill: "none", stroke: "#fff", "stroke-width": 1.25, "stroke-linecap": "round", "stroke-linejoin": "round" };
  picture.append(drawNode("path", { d: sign, transform: "translate(236 96) scale(7)", ...line }));
  return picture;
}

function drawNode(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** A number that looks random and is always the same for a text (FNV-1a, with its bits mixed). */
function hash(text) {
  let value = 0x811c9dc5;
  for (const sign of text) value = Math.imul(value ^ sign.codePointAt(0), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/* Lines over time, as SVG: the drawing is for eyes, its label says the same to a screen reader. */

import { element } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 140;

/**
 * A chart of `points` (`[x, y]`, in order): stairs where a value holds until the next one (`stairs`), else a line.
 * `from`, `to` bound x; `labels` are `{ name, top, bottom, start, end }` in words. `unfinished`: the last point still
 * grows, so that a low one means nothing yet.
 */
export function makeChart(points, { from, to, stairs = false, unfinished = false, labels }) {
  const most = Math.max(1, ...points.map(([, y]) => y));
  const least = stairs ? Math.min(...points.map(([, y]) => y), most) : 0;
  const span = Math.max(1, most - least);
  const across = (x) => ((x - from) / Math.max(1, to - from)) * WIDTH;
  const down = (y) => HEIGHT - ((y - least) / span) * (HEIGHT - 6) - 3;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", labels.name);
  const whole = unfinished ? points.slice(0, -1) : points;
  const line = draw(whole, across, down, stairs, to);
  const last = `L${across(whole.length ? (stairs ? to : whole.at(-1)[0]) : to)} ${HEIGHT}`;
  if (whole.length) svg.append(makePath(`${line}${last}L${across(whole[0][0])} ${HEIGHT}Z`, "area"));
  svg.append(makePath(line, "line"));
  if (unfinished) svg.append(makePath(draw(points.slice(-2), across, down, false, to), "line unfinished"));
  const side = element("div", { class: "scale", "aria-hidden": "true" }, element("span", {}, labels.top), element("span", {}, labels.bottom));
  const foot = element("div", { class: "span", "aria-hidden": "true" }, element("span", {}, labels.start), element("span", {}, labels.end));
  // Time goes from left to right, also where words do not.
  return element("figure", { class: "chart", dir: "ltr" }, side, svg, foot);
}

function draw(points, across, down, stairs, to) {
  let path = "";
  points.forEach(([x, y], index) => {
    const place = `${across(x).toFixed(1)} ${down(y).toFixed(1)}`;
    if (!index) path = `M${place}`;
    else path += stairs ? `H${across(x).toFixed(1)}V${down(y).toFixed(1)}` : `L${place}`;
  });
  return stairs && points.length ? `${path}H${across(to).toFixed(1)}` : path;
}

function makePath(d, name) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  path.setAttribute("class", name);
  path.setAttribute("vector-effect", "non-scaling-stroke");
  return path;
}

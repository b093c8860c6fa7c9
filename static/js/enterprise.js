// Enterprise pages only, loaded beside main.js. Charts are SVG from the server and readable without
// this file; here a pointer or the arrow keys read out one point at a time.
//   <figure data-chart> … <circle data-point="6 Apr: ₹412"> … <output data-chart-reading></output>
function read(figure, point) {
  figure.querySelector("[data-point][data-read]")?.removeAttribute("data-read");
  point.setAttribute("data-read", "");
  const reading = figure.querySelector("[data-chart-reading]");
  if (reading) reading.textContent = point.dataset.point;
}

function nearest(points, x) {
  const distance = (point) => {
    const box = point.getBoundingClientRect();
    return Math.abs(box.left + box.width / 2 - x);
  };
  return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}

function readOnPointer(event) {
  const figure = event.target.closest?.("[data-chart]");
  const points = figure ? [...figure.querySelectorAll("[data-point]")] : [];
  if (points.length) read(figure, nearest(points, event.clientX));
}

function readOnKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const figure = event.target.closest?.("[data-chart]");
  if (!step || !figure) return;
  const points = [...figure.querySelectorAll("[data-point]")];
  if (!points.length) return;
  const current = points.findIndex((point) => point.hasAttribute("data-read"));
  const next = Math.min(points.length - 1, Math.max(0, current + step));
  event.preventDefault();
  read(figure, points[next]);
}

document.addEventListener("pointermove", readOnPointer, { passive: true });
document.addEventListener("keydown", readOnKey);

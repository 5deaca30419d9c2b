// Counts while a dial moves: evaluates the polynomials that Python read off its walk. No channel count is known here.
// A model is what Python sends: {dialled, terms, baseline, titles, idea, blockLayers, ...}; see dialled.py.

const received = (bytes) => {
  const { model, ...rest } = JSON.parse(new TextDecoder().decode(bytes))
  return { ...model, ...rest }
}

// Counts are BigInt, exact at any size; a polynomial is [a, b, c, e] of a + b·C·d + c·C·d² + e·(C·d)².
function at([a, b, c, e], C, d) {
  const w = BigInt(C) * BigInt(d)
  return a + b * w + c * w * BigInt(d) + e * w * w
}

// The side of a square, or height and width.
const sidesOf = (size) => Array.isArray(size) ? size : [size, size]
const sizeWords = (size) => sidesOf(size).join("\u00d7")

function mapSide(size, halvings) {
  for (let i = 0; i < halvings; i++) size = (size + 1) >> 1
  return size
}

const placesOf = (size, halvings) => sidesOf(size).reduce((places, side) => places * mapSide(side, halvings), 1)

// Sums terms into the polynomials of params, MACs and acts of one network.
function polynomials(terms, depths, size) {
  const total = { params: [0n, 0n, 0n, 0n], macs: [0n, 0n, 0n, 0n], acts: [0n, 0n, 0n, 0n] }
  for (const term of terms) {
    const blocks = BigInt(term.stage === null || term.first ? 1 : depths[term.stage] - 1)
    const places = BigInt(term.halvings === null ? 1 : placesOf(size, term.halvings))
    for (let i = 0; i < 4; i++) {
      total.params[i] += blocks * BigInt(term.params[i])
      total.macs[i] += blocks * places * BigInt(term.macs[i])
      total.acts[i] += blocks * places * BigInt(term.acts[i])
    }
  }
  return total
}

function counts(terms, spec, size) {
  const total = polynomials(terms, spec.depths, size)
  const value = (name) => at(total[name], spec.cardinality, spec.base_width)
  const params = value("params"), macs = value("macs"), acts = value("acts")
  return { params, macs, acts, bytes: 4n * (params + acts) }
}

// The real d at which a polynomial meets a budget; null if even d -> 0 costs more.
function solveBaseWidth(polynomial, budget, C) {
  const [, b, c, e] = polynomial.map(Number), missing = Number(budget - polynomial[0])
  const square = c * C + e * C * C, linear = b * C
  return missing <= 0 ? null : (2 * missing) / (linear + Math.sqrt(linear * linear + 4 * square * missing))
}

const nearestBaseWidth = (exact, [low, high]) => exact === null ? low : Math.max(low, Math.min(high, Math.floor(exact + 0.5)))

const excess = (count, budget) => Number(count) / Number(budget) - 1

const NEAR = 0.1 // of the budget

// The largest C at which the least d still costs at most a tenth more than the budget; 0 where it does at none.
function mostPaths(polynomial, budget, least, top) {
  const fits = (C) => excess(at(polynomial, C, least), budget) <= NEAR
  let low = 0, high = top
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

// Applies the lock: d follows C. Gives {spec, exact, off} with off as a share of the budget, and where no d keeps near it, the
// `most` paths with which one does.
function settle(model, dialled) {
  if (!dialled.lock) return { spec: dialled.spec }
  const budget = counts(model.baseline.terms, model.baseline.spec, dialled.image_size)[dialled.lock]
  const polynomial = polynomials(model.terms, dialled.spec.depths, dialled.image_size)[dialled.lock]
  const exact = solveBaseWidth(polynomial, budget, dialled.spec.cardinality)
  const base_width = nearestBaseWidth(exact, model.limits.base_width)
  const off = excess(at(polynomial, dialled.spec.cardinality, base_width), budget)
  const [least] = model.limits.base_width
  const isUnmet = base_width === least && off > NEAR
  return { spec: { ...dialled.spec, base_width }, exact, off, ...isUnmet && { most: mostPaths(polynomial, budget, least, dialled.spec.cardinality) } }
}

// What the terms of a model depend on: every option but C, d and the number of blocks.
function optionsKey(spec) {
  const { cardinality, base_width, depths, ...others } = spec
  return JSON.stringify([others, depths.length])
}

const grouped = (n) => n.toLocaleString("en-US")
const magnitude = (n) => n < 0 ? -n : n
const signed = (n) => n === 0n ? "same" : (n > 0 ? "+" : "\u2212") + grouped(magnitude(n))

function signedPercent(share) {
  const size = Number((100 * Math.abs(share)).toFixed(1))
  const text = size.toLocaleString("en-US", { minimumFractionDigits: 1 })
  return (size === 0 ? "\u00b1" : share > 0 ? "+" : "\u2212") + text + " %"
}

function scaled(n, places = 2) {
  for (const [scale, prefix] of [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (n >= scale) return [(Number(n) / scale).toFixed(places), prefix]
  }
  return [String(n), ""]
}

const layersOf = (model, spec) => 2 + model.blockLayers * spec.depths.reduce((sum, n) => sum + n, 0)

function titleOf(model, spec) {
  const kind = spec.cardinality > 1 ? "grouped" : spec.base_width === 64 ? "plain" : "wide"
  return model.titles[kind].replace("{layers}", layersOf(model, spec))
    .replace("{cardinality}", spec.cardinality).replace("{base_width}", spec.base_width)
}

// What each block does, in one sentence with places for C and d. Before this file stands WORDS, with every such sentence.
function ideaOf(model, { cardinality, base_width }) {
  const words = WORDS.ideas[model.idea][(base_width > 1 ? "" : "thin_") + (cardinality > 1 ? "paths" : "one")]
  return words.replace("{cardinality}", grouped(cardinality)).replace("{base_width}", grouped(base_width))
}

// Everything the headline shows, as text.
function headlineOf(model, dialled) {
  const { spec } = settle(model, dialled), size = dialled.image_size
  const mine = counts(model.terms, spec, size), theirs = counts(model.baseline.terms, model.baseline.spec, size)
  const rows = [
    ["params", "Parameters", scaled(mine.params), "params", grouped(mine.params)],
    ["macs", "Multiply-adds, one image", scaled(mine.macs), "MACs", grouped(mine.macs)],
    ["acts", "Activations, conv and linear", scaled(mine.acts), "elements", grouped(mine.acts)],
    ["bytes", "Weights + activations, float32", scaled(mine.bytes, 1), "B", grouped(mine.bytes) + " bytes"],
  ]
  return {
    title: titleOf(model, spec),
    idea: ideaOf(model, spec),
    subtitle: `${layersOf(model, spec)} layers, ${sizeWords(size)} image, batch 1. Compared with ${model.baseline.title}.`,
    chips: [["C", spec.cardinality], ["d", spec.base_width], ["blocks", spec.depths.join(", ")], ["image", Array.isArray(size) ? sizeWords(size) : size],
      ["compared with", model.baseline.title]],
    numbers: rows.map(([name, label, [value, prefix], unit, full]) => ({
      name, label, full, value: unit === "B" ? value : `${value} ${prefix}`.trim(), unit: unit === "B" ? `${prefix}B` : unit,
      share: excess(mine[name], theirs[name]), percent: signedPercent(excess(mine[name], theirs[name])),
      difference: signed(mine[name] - theirs[name]),
    })),
  }
}

import { compileSingleRowExpression, IR } from '@tanstack/db'
import { pathText, readField, toComparable } from './fields.ts'
import type { Comparable, FieldPath } from './fields.ts'

type Expression = IR.BasicExpression

/** An equality that every row of a predicate fulfils: by it an index finds them. */
export interface Equality {
  readonly path: FieldPath
  readonly values: ReadonlySet<Comparable>
}

/** Which rows a query needs. */
export interface Predicate {
  readonly matches: (row: object) => boolean
  readonly equalities: readonly Equality[]
  /** Every row matches. */
  readonly isOpen: boolean
  /** False where more rows match than TanStack's own filter lets through: a part cannot be evaluated on a row of the log. */
  readonly isExact: boolean
}

/** Returns the predicate of the `where` that TanStack asks for. */
export function predicateOf(where: Expression | undefined): Predicate {
  const tests: ((row: object) => boolean)[] = []
  const equalities: Equality[] = []
  let isExact = true
  for (const part of where === undefined ? [] : conjuncts(where)) {
    const equality = equalityOf(part)
    const test = testOf(part, equality)
    if (test === undefined) {
      isExact = false
      continue
    }
    tests.push(test)
    if (equality !== undefined) equalities.push(equality)
  }
  const [first, second] = tests
  const matches =
    first === undefined
      ? () => true
      : second === undefined
        ? first
        : tests.length === 2
          ? (row: object) => first(row) && second(row)
          : (row: object) => tests.every((test) => test(row))
  return { matches, equalities, isOpen: tests.length === 0, isExact }
}

function conjuncts(expression: Expression): Expression[] {
  if (expression.type !== 'func' || expression.name !== 'and') return [expression]
  return expression.args.flatMap((each) => conjuncts(each))
}

/** Returns what tells whether a row fulfils an expression; `undefined` where that cannot be told by a row of the log. */
function testOf(
  expression: Expression,
  equality: Equality | undefined,
): ((row: object) => boolean) | undefined {
  if (readsVirtualField(expression)) return undefined
  let evaluate: (row: Record<string, unknown>) => unknown
  try {
    evaluate = compileSingleRowExpression(expression)
  } catch {
    return undefined
  }
  const byEvaluation = (row: object): boolean => {
    try {
      return evaluate(row as Record<string, unknown>) === true // a row is an object
    } catch {
      // As TanStack does.
      return false
    }
  }
  if (equality === undefined) return boundTestOf(expression, byEvaluation)
  const { path, values } = equality
  const [name = ''] = path
  const [first] = values
  const byValue = (row: object): boolean => {
    const value = toComparable(readField(row, path))
    return value === undefined ? byEvaluation(row) : values.has(value)
  }
  if (path.length !== 1) return byValue
  // What most rows have is told with nothing more than reading the field: every row is looked at.
  const isOne = values.size === 1
  return (row) => {
    const value = (row as Record<string, unknown>)[name] // a row is an object
    return typeof value === 'string' || typeof value === 'boolean'
      ? isOne
        ? value === first
        : values.has(value)
      : byValue(row)
  }
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
}

/** Returns a test that compares the numbers of a field with a bound by itself, and leaves all other values to `otherwise`. */
function boundTestOf(expression: Expression, otherwise: (row: object) => boolean): (row: object) => boolean {
  if (expression.type !== 'func') return otherwise
  const [left, right] = expression.args
  const path = left && fieldOf(left)
  const bound: unknown = right?.type === 'val' ? right.value : undefined
  const compare = Object.hasOwn(comparisons, expression.name) ? comparisons[expression.name] : undefined
  if (path?.length !== 1 || !isNumber(bound) || compare === undefined) return otherwise
  const [name = ''] = path
  return (row) => {
    const value = (row as Record<string, unknown>)[name] // a row is an object
    return isNumber(value) ? compare(value, bound) : otherwise(row)
  }
}

/** NaN has an order of TanStack's own. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value)
}

/** Fields that TanStack adds to rows are not in the log's rows. */
function readsVirtualField(expression: Expression): boolean {
  if (expression.type === 'func') return expression.args.some((each) => readsVirtualField(each))
  return expression.type === 'ref' && (fieldOf(expression)?.[0]?.startsWith('$') ?? true)
}

/** Returns the path of a reference to a field; `undefined` for every other expression, and for the row itself. */
export function fieldOf(expression: Expression): FieldPath | undefined {
  if (expression.type !== 'ref') return undefined
  const path = IR.getPropRefPropertyPath(expression)
  return path.length === 0 ? undefined : path
}

function equalityOf(expression: Expression): Equality | undefined {
  if (expression.type !== 'func') return undefined
  const [left, right] = expression.args
  if (left === undefined || right === undefined) return undefined
  if (expression.name === 'in') {
    const path = fieldOf(left)
    if (path === undefined || right.type !== 'val' || !Array.isArray(right.value)) return undefined
    // Null is equal to nothing.
    const given = (right.value as unknown[]).filter((each) => each !== null && each !== undefined)
    const values = given.map(toComparable)
    return values.includes(undefined) ? undefined : { path, values: new Set(values as Comparable[]) } // none is
  }
  if (expression.name !== 'eq') return undefined
  const [field, value] = right.type === 'val' ? [left, right] : [right, left]
  const path = fieldOf(field)
  const comparable = value.type === 'val' ? toComparable(value.value) : undefined
  return path === undefined || comparable === undefined ? undefined : { path, values: new Set([comparable]) }
}

/** One text for the path of an equality, by which subsets are found. */
export const equalityField = ({ path }: Equality): string => pathText(path)

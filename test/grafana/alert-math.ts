import { type LabelledNumber, pairs, unlabelled } from './alert-numbers.ts';

type Numbers = readonly LabelledNumber[];

/** The operators of Grafana's math by how loosely they bind, loosest first; all of a line bind from left to right. */
const levels = [['||'], ['&&'], ['==', '!=', '>', '>=', '<', '<='], ['+', '-'], ['*', '/', '%'], ['**']] as const;

/** Evaluates a math expression over the numbers of the nodes that it names. Throws on anything that livetally's rules do not use. */
export function evaluateMath(text: string, numbersOf: (name: string) => Numbers): Numbers {
  const tokens = text.match(/\$\w+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\|\||&&|[=!<>]=|\*\*|[-+*/%<>!()]|\S/g) ?? [];
  let next = 0;

  function level(depth: number): Numbers {
    const operators: readonly string[] | undefined = levels[depth];
    if (operators === undefined) return single();
    let left = level(depth + 1);
    for (let token = tokens[next]; token !== undefined && operators.includes(token); token = tokens[next]) {
      next++;
      left = binary(token, left, level(depth + 1));
    }
    return left;
  }

  function single(): Numbers {
    const token = tokens[next++];
    if (token === '(') {
      const inner = level(0);
      if (tokens[next++] !== ')') throw new Error(`a bracket is not closed in: ${text}`);
      return inner;
    }
    if (token?.startsWith('$')) return numbersOf(token.slice(1));
    if (token !== undefined && /^\d/.test(token)) return [{ labels: unlabelled, value: Number(token) }];
    throw new Error(`cannot read ${token ?? 'the end'} in: ${text}`);
  }

  const result = level(0);
  if (next < tokens.length) throw new Error(`cannot read ${tokens[next]} in: ${text}`);
  return result;
}

function binary(operator: string, left: Numbers, right: Numbers): Numbers {
  return pairs(left, right).map(({ labels, left: { value: a }, right: { value: b } }) => ({
    labels,
    value: a === null || b === null ? null : calculate(operator, a, b),
  }));
}

/** A logical operator that is settled by its left side does not look at the other; apart from that NaN makes NaN. */
function calculate(operator: string, a: number, b: number): number {
  if (operator === '&&' && a === 0) return 0;
  if (operator === '||' && a !== 0) return 1;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  switch (operator) {
    case '||':
    case '&&':
      return b === 0 ? 0 : 1;
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '>':
      return Number(a > b);
    case '>=':
      return Number(a >= b);
    case '<':
      return Number(a < b);
    case '<=':
      return Number(a <= b);
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    default:
      throw new Error(`no operator ${operator}`);
  }
}

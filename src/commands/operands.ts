import { type CommandContext, UsageError } from './command.ts';

/** What stands behind the command before its options, such as a file; the context is left with the options. */
export function takeOperands<const Names extends readonly string[]>(
  context: CommandContext,
  names: Names,
): { readonly operands: { readonly [Index in keyof Names]: string }; readonly rest: CommandContext } {
  const given = context.arguments.slice(0, names.length);
  if (isAsMany(given, names) && given.every((argument) => argument !== '' && !argument.startsWith('-'))) {
    return { operands: given, rest: { ...context, arguments: context.arguments.slice(names.length) } };
  }
  throw new UsageError(`${names.join(' and ')} must stand behind the command, before any option.`);
}

function isAsMany<Names extends readonly string[]>(
  given: readonly string[],
  names: Names,
): given is { readonly [Index in keyof Names]: string } {
  return given.length === names.length;
}

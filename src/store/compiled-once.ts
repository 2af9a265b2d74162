import type { Compilable, CompiledQuery } from 'kysely';
import type { DbOrTx } from './schema.ts';

/**
 * A query that is built and compiled the first time it runs, and afterwards runs with other values in the
 * same SQL. For what an import does for every row: there, building a query costs more than running it.
 *
 * @param build makes the query of the values, each of which it uses once and in the order they have in the
 * object. A query that does otherwise, or whose SQL depends on a value, is refused when it is compiled.
 */
export function compiledOnce<Values extends object, Row>(
  build: (db: DbOrTx, values: Values) => Compilable<Row>,
): (db: DbOrTx, values: Values) => Promise<readonly Row[]> {
  // By the dialect's adapter: another database may be written to in another SQL.
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    const parameters: unknown[] = Object.values(values);
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(db, values).compile();
      if (!sameValues(query.parameters, parameters))
        throw new Error('a query that is compiled once must use each of its values in their order');
      compiled.set(adapter, query);
    }
    const { rows } = await db.executeQuery<Row>({ ...query, parameters });
    return rows;
  };
}

function sameValues(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

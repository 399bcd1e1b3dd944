/**
 * Runs a script as Argo CD does: `obj` is a global, the result is a table, and of the libraries there are `base` and `table` alone. Argo CD
 * speaks Lua 5.1 and this interpreter 5.3, so what only the latter knows is taken away or refused.
 */
import { lauxlib, lua, lualib, to_luastring, type LuaState } from 'fengari';

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

const newerNames = ['rawlen', 'table.pack', 'table.unpack', 'table.move', 'utf8'];
const newerSyntax = /\bgoto\b|::|\/\/|<<|>>|[&|]|~(?!=)/;

export class LuaError extends Error {
  override readonly name = 'LuaError';
}

export function runLua(script: string, obj: object): Plain {
  const code = script.replaceAll(/--.*$/gm, '').replaceAll(/"[^"]*"/g, '""');
  const newer = newerSyntax.exec(code);
  if (newer !== null) throw new LuaError(`${newer[0]} is not Lua 5.1`);
  const state = lauxlib.luaL_newstate();
  for (const [name, open] of [
    ['_G', lualib.luaopen_base],
    ['table', lualib.luaopen_table],
  ] as const) {
    lauxlib.luaL_requiref(state, to_luastring(name), open, true);
    lua.lua_pop(state, 1);
  }
  execute(state, newerNames.map((name) => `${name} = nil`).join('\n'));
  push(state, JSON.parse(JSON.stringify(obj)));
  lua.lua_setglobal(state, to_luastring('obj'));
  execute(state, script);
  return read(state);
}

function execute(state: LuaState, script: string): void {
  const isLoaded = lauxlib.luaL_loadbuffer(state, to_luastring(script), null, to_luastring('script')) === lua.LUA_OK;
  if (!isLoaded || lua.lua_pcall(state, 0, 1, 0) !== lua.LUA_OK) throw new LuaError(lua.lua_tojsstring(state, -1));
}

/** Onto the stack. */
function push(state: LuaState, value: Plain): void {
  if (value === null) return lua.lua_pushnil(state);
  if (typeof value === 'string') return lua.lua_pushstring(state, to_luastring(value));
  if (typeof value === 'boolean') return lua.lua_pushboolean(state, value);
  if (typeof value === 'number') return Number.isInteger(value) ? lua.lua_pushinteger(state, value) : lua.lua_pushnumber(state, value);
  const isList = Array.isArray(value);
  lua.lua_createtable(state, 0, 0);
  for (const [name, each] of Object.entries(value)) {
    push(state, each);
    if (isList) lua.lua_seti(state, -2, Number(name) + 1);
    else lua.lua_setfield(state, -2, to_luastring(name));
  }
}

/** What is on top of the stack. As in Argo CD, an empty table is an empty list. */
function read(state: LuaState): Plain {
  switch (lua.lua_type(state, -1)) {
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, -1);
    case lua.LUA_TNUMBER:
      return lua.lua_tonumber(state, -1);
    case lua.LUA_TSTRING:
      return lua.lua_tojsstring(state, -1);
    case lua.LUA_TTABLE:
      return readTable(state);
    default:
      return null;
  }
}

function readTable(state: LuaState): Plain {
  const fields: [string | number, Plain][] = [];
  lua.lua_pushnil(state);
  while (lua.lua_next(state, -2) !== 0) {
    const value = read(state);
    lua.lua_pop(state, 1);
    const isPosition = lua.lua_type(state, -1) === lua.LUA_TNUMBER;
    fields.push([isPosition ? lua.lua_tonumber(state, -1) : lua.lua_tojsstring(state, -1), value]);
  }
  if (fields.every(([name]) => typeof name === 'number')) {
    return fields.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  }
  return Object.fromEntries(fields);
}

package dev.muster.identity.access;

import static dev.muster.identity.Role.ADMIN;
import static dev.muster.identity.Role.VIEWER;
import static dev.muster.identity.access.Row.Narrower.FORBIDDEN;
import static dev.muster.identity.access.Row.Narrower.NOT_FOUND;
import static dev.muster.identity.access.Row.Narrower.SAME;
import static dev.muster.identity.access.Row.row;

import java.util.List;

/**
 * Every route of the management API: one line each, and a new route is a new line here.
 *
 * <p>A line says the least role, and what happens to an actor whose scope leaves the asset of the request out. Give a body that
 * the route accepts: {@code $asset} is an asset outside of that scope (a fresh one for each call that is no GET), {@code $n} a number
 * that no other call has. A route that answers an allowed call with something else than success says so with {@code answering}.
 */
final class AccessTable {
    static final List<Row> ROWS = List.of(
            row("GET", "/api/v1/whoami", VIEWER, SAME),
            row("GET", "/api/v1/tokens", ADMIN, SAME),
            row("POST", "/api/v1/tokens", ADMIN, FORBIDDEN).json("{\"name\":\"made-$n\",\"role\":\"viewer\"}"),
            row("DELETE", "/api/v1/tokens/{id}", ADMIN, NOT_FOUND)
                    .with("id", "$token")
                    .answering(204),
            row("GET", "/api/v1/audit", VIEWER, SAME));

    /** Routes that are no part of the document. */
    static final List<Row> UNDOCUMENTED = List.of(row("GET", "/api/openapi.json", VIEWER, SAME));

    private AccessTable() {}
}

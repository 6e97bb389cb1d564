/**
 * Who calls, and what the caller may do: API tokens, roles, scopes; deny by default.
 *
 * <p>The way of a request: {@code web.BearerFilter} turns the token into an {@link dev.muster.identity.Actor},
 * {@code web.RequiresInterceptor} compares it with the route's {@link dev.muster.identity.Requires} by the table in
 * {@link dev.muster.identity.Permissions}, and the resource narrows what it answers to the actor's
 * {@link dev.muster.identity.Scope}.
 *
 * <p>Tables: {@code api_token}, {@code idempotency_key}.
 */
@NullMarked
package dev.muster.identity;

import org.jspecify.annotations.NullMarked;

/** Principals, users, API tokens, roles and scopes; deny by default. */
@NullMarked
package dev.muster.identity;

import org.jspecify.annotations.NullMarked;

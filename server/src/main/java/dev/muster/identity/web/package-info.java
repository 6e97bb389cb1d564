/** The identity of a request: bearer tokens, the rule of each route, the actor as an argument. */
@NullMarked
package dev.muster.identity.web;

import org.jspecify.annotations.NullMarked;

/** The way to the server: where it is, with what token, and what its refusals mean. */
@NullMarked
package dev.muster.cli.rest;

import org.jspecify.annotations.NullMarked;

/** What bounds a client before it is believed. */
@NullMarked
package dev.muster.gateway.limit;

import org.jspecify.annotations.NullMarked;

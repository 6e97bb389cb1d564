/** Whose certificates are believed. */
@NullMarked
package dev.muster.gateway.tls;

import org.jspecify.annotations.NullMarked;

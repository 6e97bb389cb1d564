/** Tests of runbooks. */
@NullMarked
package dev.muster.runbook;

import org.jspecify.annotations.NullMarked;

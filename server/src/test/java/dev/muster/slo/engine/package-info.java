/** The arithmetic of budgets, against tables. */
@NullMarked
package dev.muster.slo.engine;

import org.jspecify.annotations.NullMarked;

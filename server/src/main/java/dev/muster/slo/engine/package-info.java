/** The arithmetic of error budgets: pure, time as a value. After the SRE workbook, chapter 5. */
@NullMarked
package dev.muster.slo.engine;

import org.jspecify.annotations.NullMarked;

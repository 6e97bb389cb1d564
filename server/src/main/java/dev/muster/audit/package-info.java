/** Who changed what, before and after, in the transaction of the change. */
@NullMarked
package dev.muster.audit;

import org.jspecify.annotations.NullMarked;

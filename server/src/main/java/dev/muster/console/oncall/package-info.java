/** What whoever is on call looks at first: the assets that fail most, and what was changed lately. */
@NullMarked
package dev.muster.console.oncall;

import org.jspecify.annotations.NullMarked;

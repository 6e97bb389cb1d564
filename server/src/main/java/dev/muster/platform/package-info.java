/** Database, web, errors, clock, ids, configuration, event log, leases. Knows no feature. */
@NullMarked
package dev.muster.platform;

import org.jspecify.annotations.NullMarked;

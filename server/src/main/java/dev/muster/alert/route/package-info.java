/** Who is told of an alert, when and with which others: routing tree, grouping, inhibition, silences, time intervals. Pure. */
@NullMarked
package dev.muster.alert.route;

import org.jspecify.annotations.NullMarked;

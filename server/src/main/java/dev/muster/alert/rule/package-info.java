/**
 * Alert rules: what is wrong with which assets, and at which common cause it is told. A condition is one of the {@link
 * dev.muster.alert.rule.ConditionKind kinds} that there are as beans.
 */
@NullMarked
package dev.muster.alert.rule;

import org.jspecify.annotations.NullMarked;

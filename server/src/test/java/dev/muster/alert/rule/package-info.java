@NullMarked
package dev.muster.alert.rule;

import org.jspecify.annotations.NullMarked;

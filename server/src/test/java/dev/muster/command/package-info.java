@NullMarked
package dev.muster.command;

import org.jspecify.annotations.NullMarked;

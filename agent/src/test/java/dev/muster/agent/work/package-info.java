@NullMarked
package dev.muster.agent.work;

import org.jspecify.annotations.NullMarked;

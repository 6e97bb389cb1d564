@NullMarked
package dev.muster.agent.settings;

import org.jspecify.annotations.NullMarked;

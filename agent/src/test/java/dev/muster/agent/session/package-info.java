@NullMarked
package dev.muster.agent.session;

import org.jspecify.annotations.NullMarked;

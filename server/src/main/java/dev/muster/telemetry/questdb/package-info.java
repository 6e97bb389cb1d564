/** The telemetry store on QuestDB, embedded in this process: no listener, no phone-home, one wide table per asset type. */
@NullMarked
package dev.muster.telemetry.questdb;

import org.jspecify.annotations.NullMarked;

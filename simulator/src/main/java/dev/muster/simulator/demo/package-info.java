/**
 * {@code muster demo}: a server, a fleet, a release that goes well and one that reverts by itself.
 *
 * <p>{@link dev.muster.simulator.demo.Main}, {@code DemoCommand} what may be asked for, {@code Demo} the whole in order,
 * {@code Checks} what is true of it afterwards.
 */
@NullMarked
package dev.muster.simulator.demo;

import org.jspecify.annotations.NullMarked;

/** What tests of the device plane need around it: a CA, a journal in memory, clients. */
@NullMarked
package dev.muster.gateway.testing;

import org.jspecify.annotations.NullMarked;

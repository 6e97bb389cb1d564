/** Tells when the credentials of many are refused at once. */
@NullMarked
package dev.muster.alert.credential;

import org.jspecify.annotations.NullMarked;

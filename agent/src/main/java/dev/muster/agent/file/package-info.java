/** Managed configuration files: written from templates, watched for changes by hand. */
@NullMarked
package dev.muster.agent.file;

import org.jspecify.annotations.NullMarked;

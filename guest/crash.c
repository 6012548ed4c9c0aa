// SPDX-License-Identifier: GPL-2.0
/*
 * crash - die of SIGSEGV
 */
int main(void)
{
	volatile int *volatile nowhere = 0;

	*nowhere = 0;
	return 0;
}

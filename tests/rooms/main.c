/* Nothing: the linker alone is asked. */
int main(void)
{
    return 0;
}
